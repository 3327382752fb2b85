// Posts a query to the hub that served this page. Whatever goes wrong on the way is told in a
// sentence, as an answer in the shape that GraphQL gives to errors.
export async function fetcher({ query, variables, operationName }, { headers } = {}) {
  let response;
  try {
    response = await fetch('../graphql', {
      method: 'POST',
      headers: {
        Accept: 'application/graphql-response+json, application/json',
        'Content-Type': 'application/json',
        ...headers,
      },
      body: JSON.stringify({ query, variables, operationName }),
    });
  } catch {
    return failure('The hub could not be reached. Is it running?');
  }
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return failure(`The hub answered ${response.status} ${response.statusText} and not JSON: ${text.slice(0, 200)}`);
  }
}

const failure = (message) => ({ errors: [{ message }] });
