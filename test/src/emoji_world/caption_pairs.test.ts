import { describe, expect, test } from '@jest/globals';
import { emojiCaptionPairs } from '../../../src/emoji_world/caption_pairs.js';
import { emojiConcepts } from '../../../src/emoji_world/concepts.js';
import { loadDrawings } from '../../../src/emoji_world/drawings.js';

const styles = ['fxemoji'];

describe('pictures of Emoji World with captions', () => {
  test('are scenes of every drawing, each with a caption of its concept, from a seed', async () => {
    const pairs = await emojiCaptionPairs({ styles, scenes: 2, size: 24 });
    const drawings = await loadDrawings('fxemoji');
    expect(pairs).toHaveLength(2 * drawings.size);
    const labels = emojiConcepts()
      .filter(({ id }) => drawings.has(id))
      .flatMap(({ label }) => [label, label]);
    pairs.forEach(({ caption }, index) => expect(caption).toContain(labels[index]));
    const picture = await pairs[0].picture.load();
    expect([picture.width, picture.height, picture.data.length]).toEqual([24, 24, 24 * 24 * 3]);
    expect(await pairs[0].picture.load()).toEqual(picture);
    expect((await pairs[1].picture.load()).data).not.toEqual(picture.data);

    const again = await emojiCaptionPairs({ styles, scenes: 2, size: 24 });
    expect(again.map(({ caption }) => caption)).toEqual(pairs.map(({ caption }) => caption));
    expect(await again[0].picture.load()).toEqual(picture);
    const other = await emojiCaptionPairs({ styles, scenes: 2, size: 24, seed: 2 });
    expect(other.map(({ caption }) => caption)).not.toEqual(pairs.map(({ caption }) => caption));
  });

  test('of styles that are to stay unseen are refused', async () => {
    await expect(emojiCaptionPairs({ styles: ['twemoji', 'noto'] })).rejects.toThrow(
      '`styles` must be pretraining styles. Received: "noto", which is to stay unseen.',
    );
  });
});
