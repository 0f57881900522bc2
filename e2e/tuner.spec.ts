import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures/app.ts';
import { IncidentPage } from './pages/incident-page.ts';

/** From an incident to settings that rest on its measurements, in a link a colleague can open. */
test('the tuner takes the measurements of an incident, says which, and keeps its inputs in the link', async ({
  page,
}) => {
  const incident = new IncidentPage(page);
  await incident.open('?recording=overload');
  await page.getByRole('heading', { name: 'Because' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Type a command').fill('tuner');
  await page.keyboard.press('Enter');

  await expect(page.getByTestId('tuner-source')).toHaveText(/^Measured on .*, 1 engine, in overload/);
  const input = (id: string) => page.locator(`[data-input="${id}"]`);
  await expect(input('kv-tokens')).toContainText('measured');
  await expect(input('prompt-tokens')).toContainText('measured');
  await expect(page.locator('[data-result="kv-tokens"]')).toContainText('384,000 tokens');
  const settings = page.getByTestId('tuner-settings');
  const before = await settings.textContent();
  expect(before).toMatch(/--max-num-seqs \d+/);

  // Answers twice as long: fewer requests fit the same pace and pool.
  await input('answer-tokens').getByRole('textbox').fill('2,000');
  await page.keyboard.press('Enter');
  await expect(input('answer-tokens')).toContainText('typed in');
  await expect(page).toHaveURL(/recording=overload&tune=1&inputs=answer-tokens:2000/);
  await expect(settings).not.toHaveText(before ?? '');
  const after = await settings.textContent();

  await page.reload();
  await expect(page.getByTestId('tuner-source')).toHaveText(/^Measured on/);
  await expect(settings).toHaveText(after ?? '');

  await page.getByRole('button', { name: 'Back to the incident' }).click();
  await page.getByRole('heading', { name: 'Because' }).waitFor();
});

test('without a source it works from a GPU and a config.json, refuses nonsense in words, and gives every form', async ({
  page,
}) => {
  await page.goto('/?tune=1&gpu=l40s&itl-p95=0.1');
  await expect(page.getByTestId('tuner-source')).toHaveText(/^No source/);
  const config = page.locator('input[type=file]');
  const drop = (content: string) =>
    config.setInputFiles({ name: 'config.json', mimeType: 'application/json', buffer: Buffer.from(content) });
  await drop('{"hidden_size": 4096}');
  await expect(page.getByRole('alert')).toHaveText(/expected num_hidden_layers/);
  await drop(
    '{"num_hidden_layers": 28, "hidden_size": 3584, "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064, "intermediate_size": 18944}',
  );
  await expect(page.locator('[data-result="kv-bytes-per-token"]')).toContainText('56 KiB');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.reload();
  await expect(page.locator('[data-result="kv-bytes-per-token"]')).toContainText('56 KiB');

  const settings = page.getByTestId('tuner-settings');
  for (const [form, holds] of [
    ['Helm', 'extraArgs:'],
    ['Compose', 'command:'],
    ['Python', 'max_num_seqs='],
    ['Flags', '--max-num-seqs'],
  ] as const) {
    await page.getByRole('button', { name: form, exact: true }).click();
    await expect(settings).toContainText(holds);
  }

  await page.getByLabel('GPU, or GiB of one').fill('v100');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^One of h100/)).toBeVisible();
  await page.getByLabel('GPU, or GiB of one').fill('4');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The weights do not fit')).toBeVisible();
  await expect(settings).toHaveCount(0);
});

// Each width and each theme once: what fits and what can be read do not hang on one another.
for (const [width, height, theme] of [
  [375, 800, 'light'],
  [1280, 800, 'dark'],
  [1920, 1080, 'light'],
] as const) {
  test(`the tuner at ${width} px, ${theme}: nothing sticks out, nothing is hard to read`, async ({ page }, info) => {
    await page.setViewportSize({ width, height });
    await page.goto(`/?recording=overload&tune=1&theme=${theme}`);
    await expect(page.getByTestId('tuner-source')).toHaveText(/^Measured on/);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over).toBeLessThanOrEqual(0);
    await page.screenshot({ path: info.outputPath(`tuner-${width}-${theme}.png`), fullPage: true });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
  });
}
