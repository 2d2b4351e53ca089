/** Progress for people: a line per step with its time; on a terminal the line moves while its step works. */
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const TITLE_WIDTH = 24;

const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** @param {NodeJS.WriteStream} out */
export function createSteps(out) {
  const show = (text) => {
    if (out.isTTY) out.write(`\r\x1b[2K${text.slice(0, out.columns - 1)}`);
  };
  const line = (text) => {
    show('');
    out.write(`${text}\n`);
  };
  return {
    note: (text) => line(`  ${text}`),
    async step(title, work) {
      const startedMs = performance.now();
      let detail = '';
      let frame = 0;
      const redraw = () => {
        frame += 1;
        show(
          `${FRAMES[frame % FRAMES.length]} ${title.padEnd(TITLE_WIDTH)} ${seconds(startedMs)}  ${detail}`,
        );
      };
      const spinner = out.isTTY ? setInterval(redraw, FRAME_MS) : undefined;
      try {
        const result = await work((text) => {
          detail = text;
        });
        line(`✓ ${title.padEnd(TITLE_WIDTH)} ${seconds(startedMs).padStart(7)}  ${detail}`.trimEnd());
        return result;
      } catch (error) {
        line(`✗ ${title.padEnd(TITLE_WIDTH)} ${seconds(startedMs).padStart(7)}  ${detail}`.trimEnd());
        throw error;
      } finally {
        clearInterval(spinner);
      }
    },
  };
}
