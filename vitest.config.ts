import { defineConfig } from 'vitest/config'
import { SkipReporter } from './test/skip-reporter.ts'

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    reporters: ['default', new SkipReporter()],
    testTimeout: 20_000,
  },
})
