export default {
  files: ['build/__test__/**/*.spec.js'],
  timeout: '60s',
  workerThreads: false,
  concurrency: 2,
}
