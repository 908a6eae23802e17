// Specs that are about one system alone are named after it.
const others = process.platform === 'win32' ? 'unix' : 'windows'

export default {
  files: ['build/__test__/**/*.spec.js', `!build/__test__/**/${others}-*.spec.js`],
  // Longer than any wait of the specs, which says what it waited for.
  timeout: '180s',
  workerThreads: false,
  concurrency: 2,
}
