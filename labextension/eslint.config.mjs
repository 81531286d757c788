import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['build/', 'lib/', 'node_modules/'] },
  {
    files: ['**/*.{mjs,ts,tsx}'],
    extends: [js.configs.recommended]
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } }
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json' }
    },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      curly: 'error',
      eqeqeq: 'error',
      'prefer-arrow-callback': ['error', { allowNamedFunctions: true }],
      // Lumino's signals take `this` as a second argument, which the Jupyter rules check.
      '@typescript-eslint/unbound-method': 'off'
    }
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { jupyter, 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error'
    }
  },
  ...jupyter.configs.recommended.map(config => ({
    ...config,
    plugins: { ...config.plugins, jupyter }
  })),
  {
    files: ['src/index.ts'],
    // The panel and the headers that are sent are wanted from the start.
    rules: { 'jupyter/prefer-lazy-imports': 'off' }
  },
  prettier
);
