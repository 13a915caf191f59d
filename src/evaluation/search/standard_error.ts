/** How far an accuracy on so many pictures is from that on all there could be, in the mean square. */
export function standardError(accuracy: number, pictures: number): number {
  return Math.sqrt((accuracy * (1 - accuracy)) / pictures);
}
