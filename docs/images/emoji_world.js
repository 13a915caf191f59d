/** Makes emoji_world.jpg beside this file: `npm run build && node docs/images/emoji_world.js`. */
import { writeFileSync } from 'node:fs';
import { contactSheet } from '../../dist/src/emoji_world/contact_sheet.js';
import { EMOJI_STYLES } from '../../dist/src/emoji_world/styles.js';

const labels =
  'dog face,cat,owl,butterfly,red apple,hot beverage,hamburger,banana,automobile,rocket,house,guitar,camera,hammer,' +
  'soccer ball,grinning face';
const sheet = await contactSheet({ styles: EMOJI_STYLES.map(({ id }) => id), labels: labels.split(',') });
writeFileSync(new URL('emoji_world.jpg', import.meta.url), sheet);
