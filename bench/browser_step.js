import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { middle } from './peer.js';

const from = (path) => fileURLToPath(new URL(path, import.meta.url));
const FOLDERS = {
  clip: from('../assets/emoji-clip'),
  wasm: from('../node_modules/@tensorflow/tfjs-backend-wasm/dist'),
};
const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
/** What a server has to send with a page, and all that it loads, for tfjs' threads. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** bench/browser/page.js in a headless browser. */
export async function benchBrowserStep({ browser, threads, repeats }) {
  const bundle = await build({ entryPoints: [from('browser/page.js')], bundle: true, format: 'esm', write: false });
  const script = bundle.outputFiles[0].contents;
  const isolated = threads.split(',').map((count) => ({ headers: ISOLATION, threads: Number(count) }));
  for (const { headers, threads: count } of [{ headers: {}, threads: 1 }, ...isolated]) {
    const result = await visit({ browser, script, headers, settings: { threads: count, repeats } });
    if (result.error) {
      throw new Error(`The page failed: ${result.error}`);
    }
    const kind = result.isolated ? `cross-origin isolated, setThreadsCount(${count})` : 'not isolated';
    const support = result.hasThreads
      ? `the binary with threads, of which it uses ${result.threads}`
      : 'without threads';
    console.log(`${kind}: tfjs takes ${support}; median of ${repeats} (least to most)`);
    for (const [name, times] of Object.entries(result.times)) {
      const sorted = [...times].sort((a, b) => a - b);
      const [least, median, most] = [sorted[0], middle(sorted), sorted.at(-1)].map((time) => time.toFixed(0));
      console.log(`  ${name.padEnd(12)} ${median} ms (${least} to ${most})`);
    }
  }
}

/** Opens the page in a browser of its own, and gives what it sends. */
async function visit({ browser, script, headers, settings }) {
  let answer;
  const result = new Promise((resolve) => (answer = resolve));
  const server = createServer(async (request, response) => {
    const [, folder, name] = new URL(request.url, 'http://localhost').pathname.split('/');
    const send = (type, body) => response.writeHead(200, { ...headers, 'Content-Type': type }).end(body);
    if (folder === 'result') {
      answer(JSON.parse(await text(request)));
      send('text/plain', '');
    } else if (folder === 'page.js') {
      send(TYPES['.js'], script);
    } else if (folder in FOLDERS) {
      send(TYPES[extname(name)] ?? 'application/octet-stream', await readFile(join(FOLDERS[folder], name)));
    } else {
      send('text/html', '<script type="module" src="/page.js"></script>');
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const profile = await mkdtemp(join(tmpdir(), 'bench-browser-'));
  const page = `http://127.0.0.1:${server.address().port}/?${encodeURIComponent(JSON.stringify(settings))}`;
  const args = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, page];
  const child = spawn(browser, args, { stdio: 'ignore' });
  const failed = new Promise((_, reject) => {
    child.on('error', (error) => reject(new Error(`--browser ${browser} does not start: ${error.message}`)));
  });
  try {
    return await Promise.race([result, failed]);
  } finally {
    child.kill();
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
