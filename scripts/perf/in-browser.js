// What a board does in the browser, without Grafana around it: asks all of a panel's queries, draws the panel with uPlot, which is
// what Grafana draws with. Put into an empty page by board-page.ts as it stands, so it imports nothing.

/** @typedef {{ from: number, step: number, count: number }} Grid */
/** @typedef {readonly (number | null)[]} Values */
/** @typedef {{ bytes: number, samples: number, series: number, panelsMs: number }} Drawn */

/** Width and height of a panel: four to a row of a page 1280 wide. */
const SIZE = { width: 300, height: 200 };

/**
 * @param {string} title @param {Grid} grid @param {readonly Values[]} lines
 */
function drawPanel(title, grid, lines) {
  const place = document.body.appendChild(document.createElement('div'));
  const times = Array.from({ length: grid.count }, (_, i) => grid.from + i * grid.step);
  const series = [{}, ...lines.map((_, i) => ({ stroke: `hsl(${(i * 47) % 360} 60% 50%)`, width: 1 }))];
  // @ts-expect-error uPlot's own script makes this a global.
  new uPlot({ title, ...SIZE, legend: { show: false }, series }, [times, ...lines], place);
}

/** After the next frame has been drawn: of two calls before a frame, the second comes in the one after it. */
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

/**
 * @param {string} server @param {Grid} grid @param {readonly { title: string, queries: readonly string[] }[]} panels
 * @returns {Promise<Drawn>}
 */
async function runBoard(server, grid, panels) {
  const started = performance.now();
  performance.mark('board:start');
  const sum = { bytes: 0, samples: 0, series: 0 };
  const end = grid.from + (grid.count - 1) * grid.step;
  await Promise.all(
    panels.map(async ({ title, queries }) => {
      const answers = await Promise.all(
        queries.map(async (query) => {
          const body = new URLSearchParams({ query, start: `${grid.from}`, end: `${end}`, step: `${grid.step}` });
          const response = await fetch(`${server}/api/v1/query_range`, { method: 'POST', body });
          const bytes = await response.arrayBuffer();
          if (!response.ok) throw new Error(`${query} was answered with ${response.status}`);
          sum.bytes += bytes.byteLength;
          /** @type {{ data: { result: { values: [number, string][] }[] } }} */
          const { data } = JSON.parse(new TextDecoder().decode(bytes));
          return data.result.map(({ values }) => {
            sum.series += 1;
            sum.samples += values.length;
            /** @type {(number | null)[]} */
            const line = new Array(grid.count).fill(null);
            for (const [time, value] of values) line[Math.round((time - grid.from) / grid.step)] = Number(value);
            return line;
          });
        }),
      );
      drawPanel(title, grid, answers.flat());
    }),
  );
  await nextFrame();
  performance.mark('board:end');
  return { ...sum, panelsMs: performance.now() - started };
}

/**
 * Draws what is given and nothing else.
 * @param {Grid} grid @param {readonly { title: string, lines: readonly Values[] }[]} panels
 */
async function runDrawing(grid, panels) {
  performance.mark('board:start');
  for (const { title, lines } of panels) drawPanel(title, grid, lines);
  await nextFrame();
  performance.mark('board:end');
}

Object.assign(globalThis, { runBoard, runDrawing });
