// Emoji World with every method tuned by the sigmoid loss:
// `tfjs-maple base-to-new --data docs/results/siglip/sigmoid_study.js`.
import { emojiRecipe, emojiStudyData } from 'tfjs-maple/node';

export const studyData = ({ style }) => emojiStudyData({ style });

export const recipeOf = (method) => ({ ...emojiRecipe(method), loss: 'sigmoid' });
