// The worked examples are the files of ../examples, in the order of their number:
// NAME.graphql is the query, NAME.json beside it, where there is one, its variables.
// The hub's own tests read the same files and run them.
const queries = import.meta.glob('../examples/*.graphql', { query: '?raw', import: 'default', eager: true });
const variables = import.meta.glob('../examples/*.json', { query: '?raw', import: 'default', eager: true });

const number = (path) => parseInt(path.split('/').pop(), 10);

export const examples = Object.keys(queries)
  .sort((a, b) => number(a) - number(b))
  .map((path) => {
    const query = queries[path];
    return {
      // GraphiQL names a tab after its operation.
      name: /^query (\w+)/m.exec(query)[1],
      // The first line of the comment on top says what the example is for.
      about: /^# (.*)/.exec(query)[1],
      query,
      variables: variables[path.replace(/\.graphql$/, '.json')] ?? null,
    };
  });
