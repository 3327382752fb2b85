// Packs a folder into a zip that depends on nothing but the files' names and contents:
// members in sorted order, one fixed time, one fixed mode, and a compressor in plain
// JavaScript, pinned like the rest, since Node's own changes with its version.
//
//	node pack.mjs FOLDER FILE.zip
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

const [folder, file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node pack.mjs FOLDER FILE.zip');
  process.exit(2);
}

const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length).replaceAll('\\', '/'))
  .sort();

const options = {
  level: 9,
  mtime: new Date(2000, 0, 1), // a zip holds local time, so this is the same everywhere
  os: 3,
  attrs: (0o100644 << 16) >>> 0,
};

const members = Object.fromEntries(names.map((name) => [name, [readFileSync(join(folder, name)), options]]));
const zip = zipSync(members);
writeFileSync(file, zip);
console.log(`${file}: ${names.length} members, ${zip.length} bytes`);
