import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Writable } from 'node:stream';
import { MapleError } from '../../../layers/errors.js';
import { note, silenceNotes } from '../../../src/node/notes.js';
import { clock, progressBar } from '../../../src/node/progress.js';

/** Keeps what is written; a terminal if `isTTY`. */
class FakeStream extends Writable {
  text = '';

  constructor(
    readonly isTTY: boolean,
    readonly columns = 120,
  ) {
    super();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  get lines(): string[] {
    return this.text.trimEnd().split('\n');
  }
}

describe('progressBar without a terminal', () => {
  test('is a plain line at the start and at each tenth', () => {
    const stream = new FakeStream(false);
    const bar = progressBar({ label: 'Rendering', total: 1000, stream });
    for (let step = 1; step <= 1000; step++) {
      bar.increment(1, { style: 'noto', picture: step });
    }
    bar.stop();
    expect(stream.lines).toHaveLength(11);
    expect(stream.lines[0].trimEnd()).toBe('Rendering    0%  0/1000');
    expect(stream.lines[4]).toMatch(/^Rendering {3}40% {2}400\/1000 {2}style noto {2}picture 400 {2}0:00 left$/);
    expect(stream.lines[10]).toMatch(/^Rendering {2}100% {2}1000\/1000 .*0:00 in all$/);
    expect(stream.text).not.toContain('\x1b');
  });

  test('says where it was stopped, once', () => {
    const stream = new FakeStream(false);
    const bar = progressBar({ label: 'Download', total: 4e6, amount: (bytes) => `${bytes / 1e6} MB`, stream });
    bar.update(1e6);
    bar.stop();
    bar.stop();
    bar.update(2e6);
    expect(stream.lines).toHaveLength(3);
    expect(stream.lines[2]).toMatch(/^Download {3}25% {2}1 MB\/4 MB .* stopped$/);
  });

  test('does not run over its total', () => {
    const stream = new FakeStream(false);
    const bar = progressBar({ label: 'Steps', total: 2, stream });
    bar.increment(5);
    expect(stream.lines[1]).toContain('100%  2/2');
  });
});

describe('progressBar in a terminal', () => {
  const fields = { epoch: '5/30', batch: '10/10', loss: '2.504', accuracy: '23.1%' };

  test.each([
    [120, /█+░* {2} 50% {2}150\/300 {2}epoch 5\/30 {2}batch 10\/10 {2}loss 2\.504 {2}accuracy 23\.1% {2}\d:\d\d left/],
    [80, /tuning MaPLe {3}50% {2}epoch 5\/30 {2}loss 2\.504 {2}accuracy 23\.1% {2}\d:\d\d left/],
    [60, /tuning MaPLe {3}50% {2}loss 2\.504 {2}accuracy 23\.1% {2}\d:\d\d left/],
  ])('of %i columns shows loss, accuracy and time left', (columns, line) => {
    const stream = new FakeStream(true, columns);
    const bar = progressBar({ label: '  tuning MaPLe', total: 300, least: ['batch', 'epoch'], stream });
    bar.update(150, fields);
    bar.stop();
    expect(stream.text).toMatch(line);
    // eslint-disable-next-line no-control-regex
    const drawn = stream.text.split(/\x1b\[[^a-zA-Z]*[a-zA-Z]|\r|\n/);
    expect(Math.max(...drawn.map((text) => text.length))).toBeLessThan(columns);
  });

  test('redraws one line, and leaves no timer', () => {
    const stream = new FakeStream(true);
    const bar = progressBar({ label: 'Rendering', total: 4, stream });
    bar.update(2, { loss: '1.5' });
    bar.stop();
    expect(stream.text).toContain('░'.repeat(24));
    expect(stream.text).toContain(`${'█'.repeat(12)}${'░'.repeat(12)}   50%  2/4  loss 1.5`);
    expect(stream.text.split('\n')).toHaveLength(2);
    const written = stream.text;
    bar.update(3);
    expect(stream.text).toBe(written);
  });
});

test.each([0, -1, NaN, Infinity])('refuses a total of %d', (total) => {
  expect(() => progressBar({ label: 'Rendering', total, stream: new FakeStream(false) })).toThrow(
    new MapleError(`\`total\` of "Rendering" must be a positive number. Received: ${total}.`),
  );
});

test('writes times as a clock', () => {
  expect([0, 59.6, 65, 3600, 7389].map(clock)).toEqual(['0:00', '1:00', '1:05', '1:00:00', '2:03:09']);
});

describe('where notes are silenced', () => {
  afterEach(() => silenceNotes(false));

  test.each([true, false])('bars write nothing, terminal: %j', (isTTY) => {
    silenceNotes();
    const stream = new FakeStream(isTTY);
    const bar = progressBar({ label: 'Rendering', total: 10, stream });
    bar.increment(5);
    bar.stop();
    expect(stream.text).toBe('');
  });

  test('notes neither', () => {
    const written = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    note('one');
    silenceNotes();
    note('two');
    expect(written.mock.calls).toEqual([['one\n']]);
    written.mockRestore();
  });
});
