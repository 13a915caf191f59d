#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (existsSync(main)) {
  process.exitCode = await (await import(main)).runProgram(process.argv.slice(2));
} else {
  console.error('Error: tfjs-maple is not built: dist/ is missing. Run `npm run build` first.');
  process.exitCode = 2;
}
