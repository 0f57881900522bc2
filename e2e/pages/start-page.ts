import type { Locator, Page } from '@playwright/test';

/** No source yet. */
export class StartPage {
  readonly page: Page;
  readonly library: Locator;

  constructor(page: Page) {
    this.page = page;
    this.library = page.getByRole('region', { name: 'Incident library' });
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(`/${search}`);
  }

  recording(name: string): Locator {
    return this.library.getByRole('link', { name: new RegExp(`(^|\\s)${name}(\\s|$)`) });
  }

  async connect(url: string, selector = ''): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Prometheus URL' }).fill(url);
    if (selector !== '') await this.page.getByRole('textbox', { name: 'Selector' }).fill(selector);
    await this.page.getByRole('button', { name: 'Connect' }).click();
  }

  async pasteLog(text: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Server log' }).click();
    await this.page.getByRole('textbox', { name: 'Server log' }).fill(text);
    await this.page.getByRole('button', { name: 'Judge' }).click();
  }

  /** Hands files to the picker. */
  async pick(files: readonly { readonly name: string; readonly buffer: Buffer }[]): Promise<void> {
    await this.page
      .getByTestId('file-picker')
      .setInputFiles(files.map((file) => ({ ...file, mimeType: 'application/octet-stream' })));
  }
}
