import type * as tf from '@tensorflow/tfjs-core';

/** CLIP's maths in plain double-precision loops: slow, short, and written from the formulas alone. */

export type Row = number[];

/** Settings of a reference block. */
export interface BlockSettings {
  heads: number;
  epsilon: number;
  causal: boolean;
  activation: keyof typeof activations;
}

export function layerNormRow(row: Row, gamma: Row, beta: Row, epsilon: number): Row {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return row.map((value, i) => ((value - mean) / Math.sqrt(variance + epsilon)) * gamma[i] + beta[i]);
}

export function denseRow(row: Row, kernel: Row[], bias: Row): Row {
  return bias.map((start, column) => row.reduce((sum, value, i) => sum + value * kernel[i][column], start));
}

/** The error function by its series, which loses its digits far out. */
export function erf(x: number): number {
  if (Math.abs(x) > 4) {
    return Math.sign(x);
  }
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

export const activations = {
  quickGelu: (x: number) => x / (1 + Math.exp(-1.702 * x)),
  gelu: (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  geluTanh: (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** Attention of one sample; `sees(q, k)` tells which keys a query may look at. */
export function attendRows(
  query: Row[],
  key: Row[],
  value: Row[],
  heads: number,
  sees: (query: number, key: number) => boolean,
): Row[] {
  const size = query[0].length / heads;
  return query.map((asking, q) => {
    const result: Row = [];
    for (let head = 0; head < heads; head++) {
      const part = (row: Row) => row.slice(head * size, (head + 1) * size);
      const weights = key.map((answering, k) =>
        sees(q, k) ? Math.exp(dot(part(asking), part(answering)) / Math.sqrt(size)) : 0,
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let column = 0; column < size; column++) {
        result.push(weights.reduce((sum, weight, k) => sum + (weight / total) * part(value[k])[column], 0));
      }
    }
    return result;
  });
}

/** A pre-norm block on one sample [L][d]; `weights` by the library's names inside a block. */
export function blockRows(x: Row[], weights: Record<string, tf.Tensor>, settings: BlockSettings): Row[] {
  const vector = (name: string) => weights[name].arraySync() as Row;
  const matrix = (name: string) => weights[name].arraySync() as Row[];
  const linear = (rows: Row[], name: string) =>
    rows.map((row) => denseRow(row, matrix(`${name}/kernel`), vector(`${name}/bias`)));
  const norm = (rows: Row[], name: string) =>
    rows.map((row) => layerNormRow(row, vector(`${name}/gamma`), vector(`${name}/beta`), settings.epsilon));
  const add = (one: Row[], other: Row[]) => one.map((row, i) => row.map((value, j) => value + other[i][j]));

  const width = x[0].length;
  const joined = linear(norm(x, 'norm_1'), 'attention/qkv');
  const [query, key, value] = [0, 1, 2].map((part) => joined.map((row) => row.slice(part * width, (part + 1) * width)));
  const sees = (q: number, k: number) => !settings.causal || k <= q;
  const attended = add(x, linear(attendRows(query, key, value, settings.heads, sees), 'attention/out'));
  const hidden = linear(norm(attended, 'norm_2'), 'mlp/up').map((row) => row.map(activations[settings.activation]));
  return add(attended, linear(hidden, 'mlp/down'));
}

function dot(one: Row, other: Row): number {
  return one.reduce((sum, value, i) => sum + value * other[i], 0);
}
