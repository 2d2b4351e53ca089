/** Jest's globalTeardown: stops what start-parts.mjs started, and deletes its data. */
export default async function stopParts() {
  const parts = await globalThis.tollgateTestParts;
  await parts?.stop();
}
