// Asks a running hub all that GraphQL over HTTP asks of a server, with the audits of graphql-http
// (https://github.com/graphql/graphql-http), and prints one line for each.
//
//	node graphql-http.mjs URL
//
// URL is the address of the API, such as http://127.0.0.1:8080/graphql. It fails unless every audit is
// ok: those that the specification only recommends are asked for too, and there must be as many as we know.
import { serverAudits } from 'graphql-http';

const expected = 61;

const [url] = process.argv.slice(2);
if (!url) {
  console.error('usage: node graphql-http.mjs URL');
  process.exit(2);
}

const audits = serverAudits({ url, fetchFn: fetch });
let ok = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === 'ok') {
    ok++;
    console.log(`ok     ${audit.id} ${audit.name}`);
  } else {
    console.log(`${result.status.padEnd(6)} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${ok} of ${audits.length} audits are ok.`);
if (audits.length !== expected) {
  console.error(`There are ${audits.length} audits, not ${expected}: look at what is new, then change the number.`);
}
process.exit(ok === expected && audits.length === expected ? 0 : 1);
