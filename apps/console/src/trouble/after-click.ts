/** Whether the pointer is down, on the way to a click. */
let isDown = false;
const waiting: (() => void)[] = [];

function up() {
  isDown = false;
  // The click comes after it, in the same task.
  setTimeout(() => {
    for (const act of waiting.splice(0)) act();
  });
}
function down() {
  isDown = true;
}
window.addEventListener('pointerdown', down, true);
window.addEventListener('pointerup', up, true);
window.addEventListener('pointercancel', up, true);

/** Does what moves things on the page; where a click is under way, once it has hit what it was aimed at. */
export function afterClick(act: () => void): void {
  if (isDown) waiting.push(act);
  else act();
}
