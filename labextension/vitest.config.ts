import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    testTimeout: 5000,
    // JupyterLab's packages are ES modules that do not say so.
    server: { deps: { inline: [/@jupyterlab\//] } }
  }
});
