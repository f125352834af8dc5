import next from 'eslint-config-next/core-web-vitals'
import tseslint from 'typescript-eslint'

const enumWithReason = { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' }
const defaultExportWithReason = { selector: 'ExportDefaultDeclaration', message: 'Use a named export; only Next and configuration files need a default one.' }
const barrelWithReason = { selector: 'ExportAllDeclaration', message: 'Import from the file that has it.' }

const config = [
  { ignores: ['.next/', 'dist/', '.tangent/', 'node_modules/', 'prisma/generated/', 'next-env.d.ts', 'test-results/'] },
  ...next,
  {
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', 300],
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', enumWithReason, barrelWithReason, defaultExportWithReason],
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    files: ['app/**/*.tsx', 'app/**/*.ts', '*.config.{ts,mjs}', 'prisma.config.ts'],
    rules: { 'no-restricted-syntax': ['error', enumWithReason, barrelWithReason] },
  },
]

export default config
