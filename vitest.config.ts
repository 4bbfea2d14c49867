import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 60_000,
    // Two cores are the machine this suite is planned for.
    maxWorkers: 2,
  },
})
