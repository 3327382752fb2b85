import { defineConfig } from 'vite';

import { licences } from './licences.mjs';

const { plugin, textPlugin } = licences('THIRD_PARTY_LICENSES.txt');

export default defineConfig({
  // Relative, so that the playground works wherever the hub mounts it.
  base: './',
  plugins: [plugin(), textPlugin()],
  worker: { format: 'es', plugins: () => [plugin()] },
  // For `npm run dev`, beside a hub that runs.
  server: { proxy: { '/graphql': 'http://127.0.0.1:8080' } },
  build: {
    // Browsers of the last few years.
    target: 'es2022',
    sourcemap: false,
    // Every file under its own address: the page's policy allows no scripts from data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5000,
    reportCompressedSize: false,
    rolldownOptions: {
      // GraphiQL names its icons after their functions, for those who listen to the page.
      output: { keepNames: true },
      // "use client" is for servers that render pages; here there is none.
      onLog(level, log, handle) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
});
