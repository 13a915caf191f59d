import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCacheFolder, checkHub, checkPictureReading, nodeProblem } from '../../../src/node/doctor_checks.js';

let folder: string;
let server: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checks-'));
  server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

describe('what the doctor checks', () => {
  test('Node is of a version that the package allows', () => {
    expect(nodeProblem()).toBeUndefined();
    expect([nodeProblem('20.19.0'), nodeProblem('21.0.0')]).toEqual([undefined, undefined]);
    expect(nodeProblem('20.18.3')).toBe('Node.js must be of version 20.19 or later. Received: 20.18.3.');
  });

  test('sharp reads every format that is taken', async () => {
    const { sharp, formats, problem } = await checkPictureReading();
    expect(problem).toBeUndefined();
    expect(sharp).toMatch(/^\d+\./);
    expect(formats).toEqual(['jpeg', 'png', 'webp', 'gif', 'heif']);
  });

  test('a cache folder that is not there yet counts as the one above it', async () => {
    const { free, problem } = await checkCacheFolder(join(folder, 'not', 'there'));
    expect(problem).toBeUndefined();
    expect(free).toBeGreaterThan(0);
  });

  test('a cache folder that cannot be is told of', async () => {
    await writeFile(join(folder, 'file'), '');
    expect((await checkCacheFolder(join(folder, 'file', 'below'))).problem).toContain('MAPLE_CACHE names another.');
  });

  test('any answer of the hub will do, none is told of', async () => {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    expect(await checkHub(url)).toEqual({ url, problem: undefined });
    const nobody = 'http://127.0.0.1:1';
    expect((await checkHub(nobody)).problem).toMatch(/^http:\/\/127\.0\.0\.1:1 does not answer: .*--offline\.$/);
  });
});
