// Compile and bundle at each change. Stopping this stops both.
import { spawn } from 'node:child_process';

const bundle = [
  'node_modules/@jupyter/builder/lib/build-labextension.js',
  '--core-package-file',
  'node_modules/@jupyterlab/core-meta/core.package.json',
  '--development',
  '--watch',
  '.'
];
const compile = [
  'node_modules/typescript/bin/tsc',
  '--watch',
  '--preserveWatchOutput'
];

function run(args) {
  return spawn(process.execPath, args, { stdio: 'inherit' });
}

function stop(children) {
  children.forEach(child => child.kill());
  process.exit();
}

// The bundler wants something to bundle: compile once before watching.
run(['node_modules/typescript/bin/tsc']).on('exit', () => {
  const children = [run(compile), run(bundle)];
  process.on('SIGINT', () => stop(children));
  process.on('SIGTERM', () => stop(children));
  children.forEach(child => child.on('exit', () => stop(children)));
});
