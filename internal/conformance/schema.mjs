// Reads the schema as graphql-js does, which most clients and tools are built on, from the file and, if asked, from a running hub.
//
//	node schema.mjs FILE [URL]
//
// FILE is the schema, such as ../../schema.graphqls, URL the address of the API, such as http://127.0.0.1:8080/graphql. It fails if
// graphql-js finds the schema invalid, or if the hub tells another by introspection, or serves another at /schema.graphql.
import { readFileSync } from 'node:fs';
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema, validateSchema } from 'graphql';

const [file, url] = process.argv.slice(2);
if (!file) {
  console.error('usage: node schema.mjs FILE [URL]');
  process.exit(2);
}
const print = (schema) => printSchema(lexicographicSortSchema(schema));
const problems = [];

const text = readFileSync(file, 'utf8');
const schema = buildSchema(text);
problems.push(...validateSchema(schema).map((error) => error.message));

if (url) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true }) }),
  });
  const { data, errors } = await answer.json();
  if (errors) problems.push(`Introspection fails: ${JSON.stringify(errors)}`);
  else {
    const [want, got] = [print(schema), print(buildClientSchema(data))].map((all) => all.split('\n'));
    const differs = want.findIndex((line, i) => line !== got[i]);
    if (differs >= 0 || want.length !== got.length)
      problems.push(`Introspection tells another schema, first: ${got[differs] ?? got[want.length]} where the file has: ${want[differs]}`);
  }

  const served = await fetch(new URL('/schema.graphql', url));
  if (!served.ok || (await served.text()) !== text) problems.push(`/schema.graphql (status ${served.status}) is not the file.`);
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`The schema is valid${url ? `, and ${url} tells the same` : ''}: ${Object.keys(schema.getTypeMap()).length} types.`);
