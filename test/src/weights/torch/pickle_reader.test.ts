import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../../layers/errors.js';
import { openTorch } from '../../../../src/weights/torch/open_torch.js';
import { readPickle } from '../../../../src/weights/torch/pickle_reader.js';
import { InertObject, PickleTuple } from '../../../../src/weights/torch/pickle_values.js';
import type { PickleValue } from '../../../../src/weights/torch/pickle_values.js';
import { torchKnowledge } from '../../../../src/weights/torch/torch_knowledge.js';
import { craftTorch, pickle, pickled } from '../../../helpers/torch_files.js';

const NOTHING = torchKnowledge((_, fail) => fail('no storage here.'));

function read(...parts: (number | string | number[])[]): PickleValue {
  return readPickle(pickle(...parts), 'x.pt: a/data.pkl', NOTHING).value;
}

describe('values of every opcode:', () => {
  test.each<[string, (number | string | number[])[], unknown]>([
    ['NONE', ['N.'], null],
    ['NEWTRUE', [0x88, '.'], true],
    ['NEWFALSE', [0x89, '.'], false],
    ['BININT1', ['K', 255, '.'], 255],
    ['BININT2', ['M', 255, 255, '.'], 65535],
    ['BININT', ['J', 254, 255, 255, 255, '.'], -2],
    ['LONG1 of no bytes', [0x8a, 0, '.'], 0],
    ['LONG1, negative', [0x8a, 1, 0x80, '.'], -128],
    ['LONG1 beyond exact numbers', [0x8a, 8, 255, 255, 255, 255, 255, 255, 255, 127, '.'], 2n ** 63n - 1n],
    ['LONG4', [0x8b, 2, 0, 0, 0, 0, 1, '.'], 256],
    ['BINFLOAT', ['G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, '.'], 1.5],
    ['SHORT_BINUNICODE', [0x8c, 2, 'ab.'], 'ab'],
    ['BINUNICODE', ['X', 3, 0, 0, 0, 'ä', 'b.'], 'äb'],
    ['BINUNICODE8', [0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 'a.'], 'a'],
    ['SHORT_BINSTRING', ['U', 1, 'a.'], 'a'],
    ['BINSTRING', ['T', 1, 0, 0, 0, 'a.'], 'a'],
    ['SHORT_BINBYTES', ['C', 2, 0, 255, '.'], Uint8Array.of(0, 255)],
    ['BINBYTES', ['B', 1, 0, 0, 0, 7, '.'], Uint8Array.of(7)],
    ['BINBYTES8', [0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 7, '.'], Uint8Array.of(7)],
    ['BYTEARRAY8', [0x96, 1, 0, 0, 0, 0, 0, 0, 0, 7, '.'], Uint8Array.of(7)],
    ['EMPTY_LIST, APPEND', [']K', 1, 'a.'], [1]],
    ['APPENDS', ['](K', 1, 'K', 2, 'e.'], [1, 2]],
    ['LIST', ['(K', 1, 'K', 2, 'l.'], [1, 2]],
    ['EMPTY_TUPLE', [').'], new PickleTuple([])],
    ['TUPLE1', ['K', 1, 0x85, '.'], new PickleTuple([1])],
    ['TUPLE2', ['K', 1, 'K', 2, 0x86, '.'], new PickleTuple([1, 2])],
    ['TUPLE3', ['K', 1, 'K', 2, 'K', 3, 0x87, '.'], new PickleTuple([1, 2, 3])],
    ['TUPLE', ['(K', 1, 'K', 2, 't.'], new PickleTuple([1, 2])],
    ['EMPTY_DICT, SETITEM', ['}', pickled('a'), 'K', 1, 's.'], new Map([['a', 1]])],
    ['SETITEMS, the last of a key wins', ['}(', pickled('a'), 'K', 1, pickled('a'), 'K', 2, 'u.'], new Map([['a', 2]])],
    ['DICT', ['(', pickled('a'), 'K', 1, 'd.'], new Map([['a', 1]])],
    ['EMPTY_SET, ADDITEMS', [0x8f, '(K', 1, 'K', 1, 0x90, '.'], new Set([1])],
    ['FROZENSET', ['(K', 1, 0x91, '.'], new Set([1])],
    ['POP', ['K', 1, 'K', 2, '0.'], 1],
    ['POP of a mark', ['K', 1, '(0.'], 1],
    ['POP_MARK', ['K', 1, '(K', 2, 'K', 3, '1.'], 1],
    ['DUP', ['K', 1, '2', 0x86, '.'], new PickleTuple([1, 1])],
    ['BINPUT, BINGET', ['K', 9, 'q', 5, '0h', 5, '.'], 9],
    ['LONG_BINPUT, LONG_BINGET', ['K', 9, 'r', 0, 0, 0, 255, '0j', 0, 0, 0, 255, '.'], 9],
    ['MEMOIZE', ['K', 8, 0x94, 'K', 9, 0x94, '00h', 1, '.'], 9],
    ['PROTO and FRAME', [0x80, 5, 0x95, 2, 0, 0, 0, 0, 0, 0, 0, 'N.'], null],
    ['REDUCE of OrderedDict', ['ccollections\nOrderedDict\n)R.'], new Map()],
    [
      'OrderedDict of pairs',
      ['ccollections\nOrderedDict\n]((', pickled('a'), 'K', 1, 'le', 0x85, 'R.'],
      new Map([['a', 1]]),
    ],
    ['BUILD of a container is dropped', ['ccollections\nOrderedDict\n)R}b.'], new Map()],
    ['torch.Size', ['ctorch\nSize\nK', 1, 0x85, 0x85, 'R.'], new PickleTuple([1])],
    ['set of Python 2', ['c__builtin__\nset\n](K', 1, 'e', 0x85, 'R.'], new Set([1])],
    ['a key named __proto__', ['}', pickled('__proto__'), '}s.'], new Map([['__proto__', new Map()]])],
  ])('%s', (_, parts, expected) => {
    expect(read(...parts)).toEqual(expected);
  });
});

describe('what is not known is inert:', () => {
  test('a call keeps its name, arguments and state, and what is added to it', () => {
    const value = read(
      'cos\nsystem\n',
      pickled('rm'),
      0x85,
      'R}',
      pickled('k'),
      'K',
      1,
      'sbK',
      2,
      'aK',
      3,
      'K',
      4,
      's.',
    );
    expect(value).toBeInstanceOf(InertObject);
    const object = value as InertObject;
    expect([object.className, object.args]).toEqual(['os.system', new PickleTuple(['rm'])]);
    expect([object.state, object.items, object.entries]).toEqual([new Map([['k', 1]]), [2], new Map([[3, 4]])]);
  });

  test.each<[string, (number | string | number[])[]]>([
    ['NEWOBJ', ['csubprocess\nPopen\n)', 0x81, '.']],
    ['NEWOBJ_EX', ['csubprocess\nPopen\n)}', 0x92, '.']],
    ['STACK_GLOBAL', [pickled('subprocess'), pickled('Popen'), 0x93, ')R.']],
    ['a call of what a call gave', ['csubprocess\nPopen\n)R)R.']],
  ])('%s', (_, parts) => {
    expect(read(...parts)).toMatchObject({ className: 'subprocess.Popen' });
  });

  test('names that JavaScript has too', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'eval', 'Function']) {
      expect(read(`c\n${name}\n)R.`)).toMatchObject({ className: `.${name}` });
    }
  });
});

describe('a bad pickle is refused with file, record and byte:', () => {
  test.each<[string, (number | string | number[])[], RegExp]>([
    ['empty', [''], /^x\.pt: a\/data\.pkl, byte 0: the pickle ends in the middle of a value/],
    ['no STOP', ['N'], /byte 1: the pickle ends/],
    ['an unknown opcode', ['N', 0xff, '.'], /byte 1: opcode 0xff must be one of pickle protocol 2 to 5/],
    ['an opcode of protocol 0', ['I1\n.'], /opcode 0x49/],
    ['a text persistent id', ['Pabc\n.'], /opcode 0x50/],
    ['INST', ['(ios\nsystem\n.'], /opcode 0x69/],
    ['EXT1, a registered class', [0x82, 1, '.'], /opcode 0x82/],
    ['protocol 6', [0x80, 6, 'N.'], /protocol must be at most 5. Received: 6/],
    ['STOP on an empty stack', ['.'], /takes a value from the stack, which is empty/],
    ['STOP within a group', ['(N.'], /stops in the middle of a group/],
    ['TUPLE2 of one value', ['N', 0x86, '.'], /which is empty/],
    ['a group that nothing began', ['t.'], /takes a group of values, which none began/],
    ['a memo miss', ['h', 3, '.'], /recalls value 3, which was never kept/],
    ['a text cut short', ['X', 5, 0, 0, 0, 'ab.'], /the pickle ends/],
    ['a text of a lie', ['X', 255, 255, 255, 255, 'ab.'], /the pickle ends/],
    ['a length of 2^63', [0x8d, 0, 0, 0, 0, 0, 0, 0, 128, '.'], /a length of 9223372036854775808 is beyond any file/],
    ['a text not UTF-8', ['X', 1, 0, 0, 0, 0xff, '.'], /a text must be UTF-8/],
    ['a name without an end', ['cos\nsystem'], /the pickle ends/],
    ['a name without end', [`c${'a'.repeat(5000)}\nb\n.`], /a name must have at most 4096 characters/],
    ['an integer of 300 bytes', [0x8b, 44, 1, 0, 0, '.'], /an integer must have at most 255 bytes. Received: 300/],
    ['APPEND to a number', ['K', 1, 'K', 1, 'a.'], /added to what is neither a list nor a set/],
    ['SETITEM of a list', [']K', 1, 'K', 1, 's.'], /keys and values must come in pairs and for a dictionary/],
    ['SETITEMS of an odd number', ['}(K', 1, 'u.'], /keys and values must come in pairs/],
    ['BUILD of a number', ['K', 1, '}b.'], /a state is given to what has none/],
    ['a call without a tuple', ['cos\nsystem\nNR.'], /the arguments of a call must be a tuple/],
    ['a call of a text', [pickled('f'), ')R.'], /must be the name of a class or function/],
    ['a name that is no text', ['K', 1, 'K', 2, 0x93, '.'], /the name of a class must be text/],
    [
      'a persistent id of another form',
      ['K', 1, 'Q.'],
      /persistent id must be \('storage', type, key, device, elements\)/,
    ],
    [
      'a tensor of no storage',
      ['ctorch._utils\n_rebuild_tensor_v2\n(NK', 0, '))tR.'],
      /a tensor must be made of a storage/,
    ],
    ['a tensor of no arguments', ['ctorch._utils\n_rebuild_tensor_v2\n)R.'], /a tensor must be made of a storage/],
    [
      'a subclass made by os.system',
      ['ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nN)Nt', 'R.'],
      /made by a function of PyTorch/,
    ],
    ['OrderedDict of a number', ['ccollections\nOrderedDict\nK', 1, 0x85, 'R.'], /a list or tuple was expected/],
  ])('%s', (_, parts, message) => {
    expect(() => read(...parts)).toThrow(message);
    expect(() => read(...parts)).toThrow(MapleError);
  });
});

describe('a pickle that would exhaust the machine is refused at once:', () => {
  test('too many opcodes', () => {
    const bytes = new Uint8Array(2_000_000).fill(']'.charCodeAt(0));
    expect(() => readPickle(bytes, 'x', NOTHING)).toThrow(/at most 1000000 opcodes/);
  });

  test('a list copied again and again', () => {
    const build = ['](', 'N'.repeat(10_000), 'eq', 0, '0'];
    const copy = ['c__builtin__\nset\nh', 0, 0x85, 'R0'];
    const bytes = pickle(...build, ...Array.from({ length: 1000 }, () => copy).flat(), 'N.');
    expect(() => readPickle(bytes, 'x', NOTHING)).toThrow(/calls must take at most 4000000 values in all/);
  });

  test('dictionaries that hold each other twice: 2^40 values in 400 bytes', async () => {
    const level = ['}q', 1, '(', pickled('a'), 'h', 0, pickled('b'), 'h', 0, 'uq', 0, '0'];
    const bytes = pickle('}q', 0, '0', ...Array.from({ length: 25 }, () => level).flat(), 'h', 0, '.');
    await expect(openTorch(craftTorch(bytes))).rejects.toThrow(/must have at most 1000000 values in all/);
  });

  test('a dictionary within itself', async () => {
    await expect(openTorch(craftTorch(pickle('}q', 0, pickled('a'), 'h', 0, 's.')))).rejects.toThrow(
      /nested deeper than 32/,
    );
  });

  test('a module within itself', async () => {
    const bytes = pickle('c__torch__\nM\n)', 0x81, 'q', 0, '}', pickled('a'), 'h', 0, 'sb.');
    await expect(openTorch(craftTorch(bytes))).rejects.toThrow(/modules must not be nested deeper than 64/);
  });
});

describe('a tensor must lie inside its storage:', () => {
  /** {'w': tensor of storage `0` of 6 floats, whose record has 24 bytes}; the arguments are opcodes. */
  const withTensor = (
    offset: unknown[],
    shape: unknown[],
    strides: unknown[],
    elements: unknown[] = ['K', 6],
  ): Uint8Array =>
    pickle(
      ...([
        '}',
        pickled('w'),
        'ctorch._utils\n_rebuild_tensor_v2\n((',
        pickled('storage'),
        'ctorch\nFloatStorage\n',
      ] as const),
      ...([pickled('0'), pickled('cpu'), ...elements, 'tQ', ...offset, '(', ...shape, 't(', ...strides] as string[]),
      't',
      0x89,
      'NtRs.',
    );
  const MINUS = ['J', 255, 255, 255, 255];
  const HUGE = [0x8a, 7, 0, 0, 0, 0, 0, 0, 16];

  test('and then it is read', async () => {
    const file = await openTorch(craftTorch(withTensor(['K', 1], ['K', 2, 'K', 2], ['K', 1, 'K', 3]), { 0: 24 }));
    expect((await file.read('w')).shape).toEqual([2, 2]);
  });

  test.each<[string, Uint8Array, number, RegExp]>([
    [
      'one element too far',
      withTensor(['K', 1], ['K', 2, 'K', 3], ['K', 3, 'K', 1]),
      24,
      /must lie inside its storage a\/data\/0 of 6 elements/,
    ],
    ['an offset too far', withTensor(['K', 7], ['K', 0], ['K', 1]), 24, /must lie inside its storage/],
    ['strides too far', withTensor(['K', 0], ['K', 2], ['K', 6]), 24, /must lie inside its storage/],
    [
      'a size below 0',
      withTensor(['K', 0], MINUS, ['K', 1]),
      24,
      /the size of an axis must be an integer >= 0. Received: -1/,
    ],
    ['a stride below 0', withTensor(['K', 5], ['K', 2], MINUS), 24, /a stride must be an integer >= 0. Received: -1/],
    ['an offset below 0', withTensor(MINUS, ['K', 1], ['K', 1]), 24, /the offset of a tensor must be .* -1/],
    [
      'a size that overflows',
      withTensor(['K', 0], [...HUGE, ...HUGE], ['K', 1, 'K', 1]),
      24,
      /must lie inside its storage/,
    ],
    [
      'a broadcast beyond reason',
      withTensor(['K', 0], HUGE, ['K', 0]),
      24,
      /must not have more elements than its storage/,
    ],
    ['fewer strides than axes', withTensor(['K', 0], ['K', 1, 'K', 1], ['K', 1]), 24, /as many strides as axes/],
    ['a size that is no integer', withTensor(['K', 0], ['N'], ['K', 1]), 24, /the size of an axis must be an integer/],
    [
      'a storage beyond its record',
      withTensor(['K', 0], ['K', 1], ['K', 1], ['K', 7]),
      24,
      /a\/data\/0 must have 28 bytes. Received: 24/,
    ],
    ['a storage of -1 elements', withTensor(['K', 0], ['K', 1], ['K', 1], MINUS), 24, /the size of a storage must be/],
    [
      '65 axes',
      withTensor(
        ['K', 0],
        Array.from({ length: 130 }, (_, i) => (i % 2 ? 1 : 'K')),
        ['K', 1],
      ),
      24,
      /at most 64 axes. Received: 65/,
    ],
  ])('%s', async (_, bytes, size, message) => {
    await expect(openTorch(craftTorch(bytes, { 0: size }))).rejects.toThrow(message);
    await expect(openTorch(craftTorch(bytes, { 0: size }))).rejects.toThrow(/^bad\.pt: a\/data\.pkl, byte \d+: /);
  });

  test('a storage that is not there', async () => {
    const bytes = withTensor(['K', 0], ['K', 1], ['K', 1]);
    await expect(openTorch(craftTorch(bytes))).rejects.toThrow(
      /the storage a\/data\/0 is missing. Is the file complete/,
    );
  });

  test('a storage of a type that is not known', async () => {
    const text = new TextDecoder('latin1')
      .decode(withTensor(['K', 0], ['K', 1], ['K', 1]))
      .replace('FloatStorage', 'QInt8Storage');
    await expect(openTorch(craftTorch(pickle(text), { 0: 24 }))).rejects.toThrow(/Received: torch\.QInt8Storage/);
  });
});

test('a sparse tensor is refused by its name rather than left out', async () => {
  const bytes = pickle('}', pickled('w'), 'ctorch._utils\n_rebuild_sparse_tensor\n)Rs.');
  await expect(openTorch(craftTorch(bytes))).rejects.toThrow(/tensor "w" is of a kind .*_rebuild_sparse_tensor\. Save/);
});

test('what holds no tensor is refused', async () => {
  await expect(openTorch(craftTorch(pickle('}', pickled('epoch'), 'K', 1, 's.')))).rejects.toThrow(
    /no tensor under a name/,
  );
  await expect(openTorch(craftTorch(pickle('].')))).rejects.toThrow(/must hold a state dict, a checkpoint/);
  await expect(openTorch(craftTorch(pickle('cfoo\nBar\n)R.')))).rejects.toThrow(
    /object of foo\.Bar without parameters/,
  );
});
