/** Pixels of the picture per CSS pixel, as for the pictures of panels. */
const SHARPNESS = 2;

/**
 * A part of the page as a PNG file, as it stands there. The library is loaded when first asked for.
 * @returns `null` if the browser cannot draw it
 */
export async function pictureOfPart(part: HTMLElement): Promise<Blob | null> {
  const { toBlob } = await import('html-to-image');
  const background = getComputedStyle(part).getPropertyValue('--bg').trim() || '#fff';
  // The page has no font files of its own: what the machine offers is drawn as it stands.
  return toBlob(part, { pixelRatio: SHARPNESS, backgroundColor: background, skipFonts: true });
}
