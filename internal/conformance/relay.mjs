// Compiles what a Relay app would write (relay/fixtures.js) against the schema: that shows that connections, their arguments and
// node(id) have the form that Relay builds on.
//
//	node relay.mjs FILE
//
// FILE is the schema, such as ../../schema.graphqls.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node relay.mjs FILE');
  process.exit(2);
}
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'versme-relay-')); // what the compiler writes is not kept
let status;
try {
  cpSync(here('relay'), join(folder, 'src'), { recursive: true });
  cpSync(file, join(folder, 'schema.graphql'));
  writeFileSync(join(folder, 'relay.config.json'), JSON.stringify({ src: './src', schema: './schema.graphql', language: 'javascript' }));
  ({ status } = spawnSync(process.execPath, [here('node_modules/relay-compiler/cli.js')], { cwd: folder, stdio: 'inherit' }));
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(status ?? 1);
