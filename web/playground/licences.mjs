import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

// Collects the packages that the bundler really took something from, in the page and in its
// workers, and writes their licences to one text file of the build.
export function licences(fileName) {
  const folders = new Set();

  // Sees what goes into a bundle. Each worker is a bundle of its own and needs one of its own.
  const plugin = () => ({
    name: 'licences-collect',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        for (const id of chunk.type === 'chunk' ? Object.keys(chunk.modules) : (chunk.originalFileNames ?? [])) note(id);
      }
      // Style sheets leave no module in a chunk.
      for (const id of this.getModuleIds()) if (/\.css(\?|$)/.test(id)) note(id);
    },
  });

  function note(id) {
    const path = id.replace(/^\0/, '').replace(/\?.*$/, '').split('/').join(sep);
    const at = path.lastIndexOf(`${sep}node_modules${sep}`);
    if (at < 0) return;
    const parts = path.slice(at + 14).split(sep);
    const name = parts[0].startsWith('@') ? parts.slice(0, 2) : parts.slice(0, 1);
    folders.add(join(path.slice(0, at + 14), ...name));
  }

  // Writes the file, once the page itself is bundled and so every worker too.
  const textPlugin = () => ({
    name: 'licences-write',
    generateBundle: {
      order: 'post',
      handler() {
        this.emitFile({ type: 'asset', fileName, source: text([...folders]) });
      },
    },
  });

  return { plugin, textPlugin };
}

const rule = `\n${'='.repeat(78)}\n\n`;

// Parts that stand inside monaco-editor's own files and are not in its notices.
const inside = {
  'monaco-editor': [
    'Contains DOMPurify 3.1.7, (c) Cure53 and other contributors, released under the Apache License 2.0 and the',
    'Mozilla Public License 2.0 (used here under the former), and the icon font of vscode-codicons, (c) Microsoft',
    'Corporation, released under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), both unchanged.',
    '',
  ].join('\n'),
};

function text(folders) {
  const entries = new Map();
  for (const folder of folders) {
    const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (!license) throw new Error(`${name} ${version} names no licence`);
    const files = readdirSync(folder).filter((f) => /^(licen[cs]e|notice|third-?party-?notices)([.-]|$)/i.test(f)).sort();
    const body = files.map((f) => clean(readFileSync(join(folder, f), 'utf8')));
    if (body.length === 0) {
      // Published without its text. Under MIT, the one that all of these name, the terms are always the same.
      if (license !== 'MIT') throw new Error(`${name} ${version} carries no licence text; it is under ${license}`);
      const by = (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`;
      body.push(mit.replace('AUTHOR', by));
    }
    if (inside[name]) body.unshift(inside[name]);
    entries.set(`${name} ${version}`, `${name} ${version} (${license})\n\n${body.join('\n')}`);
  }
  const sorted = [...entries.keys()].sort();
  return (
    `The playground of Versmė contains parts of these ${sorted.length} packages.\n` +
    sorted.map((key) => rule + entries.get(key)).join('')
  );
}

const clean = (s) => s.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').replace(/[ \t]+$/gm, '').trim() + '\n';

const mit = `MIT License

Copyright (c) AUTHOR

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;
