import { defineConfig } from 'vite';

export default defineConfig({
  experimental: {
    // The page is a Python string.Template: $assets becomes the path the files are served under.
    renderBuiltUrl: (filename, { hostType }) =>
      hostType === 'html' ? `$assets/${filename}` : { relative: true },
  },
  worker: { format: 'es' },
  build: {
    outDir: '../built',
    emptyOutDir: true,
    assetsDir: '.',
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4096,
    license: { fileName: 'LICENSES.md' },
    rolldownOptions: {
      // "use client" in the component libraries means nothing in a page without server rendering.
      onLog: (level, log, next) => log.code === 'MODULE_LEVEL_DIRECTIVE' || next(level, log),
    },
  },
});
