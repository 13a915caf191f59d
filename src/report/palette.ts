/**
 * The page's colours, for light and for dark. Those of methods and classes were chosen as far apart as can be for usual
 * sight and the three kinds of colour-blindness alike, with a contrast of at least 3 to the card.
 */
export const PALETTE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b1f27; --faint: #596273; --line: #dde1e8;
  --right: #12703a; --wrong: #b3261e; --heat-right: #1c64c8; --heat-wrong: #c2410c;
  --zeroShot: #6b7280; --coop: #f05a08; --cocoop: #983f04; --vpt: #1a9c68; --deepLanguage: #b57de0; --ivlp: #61246d;
  --shallowMaple: #043415; --unifiedMaple: #1407b7; --maple: #1c64c8;
  --tipAdapter: #a3690c; --tipAdapterF: #7a4b00; --lpPlusPlus: #b0176b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1b2027; --text: #e8ebf0; --faint: #a2abba; --line: #343b46;
    --right: #63cf8d; --wrong: #ff8f87; --heat-right: #6fadff; --heat-wrong: #ff9a4d;
    --zeroShot: #a0a8b5; --coop: #dd8f04; --cocoop: #8a8212; --vpt: #c9fe2c; --deepLanguage: #f6c5a8; --ivlp: #ce24ae;
    --shallowMaple: #4fe7fe; --unifiedMaple: #4c6bfd; --maple: #6fadff;
    --tipAdapter: #e0b062; --tipAdapterF: #c98f2c; --lpPlusPlus: #ff86c2;
  }
}
:root {
  --class0: var(--maple); --class1: var(--coop); --class2: var(--vpt); --class3: var(--ivlp); --class4: var(--cocoop);
  --class5: var(--deepLanguage); --class6: var(--shallowMaple); --class7: var(--unifiedMaple);
}`;
