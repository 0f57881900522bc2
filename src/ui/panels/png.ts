/** Pixels of the picture per CSS pixel: sharp when pasted into an incident document. */
const SHARPNESS = 2;
const HEAD = 40;

/**
 * A chart as a PNG file with its title on top, in the colours of the page.
 * @param frame element that holds the chart's SVG
 * @returns `null` if there is none, or the browser cannot draw it
 */
export async function pictureOf(frame: HTMLElement, title: string, note: string): Promise<Blob | null> {
  const source = frame.querySelector<SVGSVGElement>('svg.recharts-surface');
  if (!source) return null;
  const { width, height } = source.getBoundingClientRect();
  const copy = source.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const style = getComputedStyle(frame);
  copy.style.fontFamily = style.fontFamily;
  // Outside the page the colour variables mean nothing, so they are written out.
  const text = new XMLSerializer()
    .serializeToString(copy)
    .replace(/var\((--[a-z0-9-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim() || 'currentColor');
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * SHARPNESS;
  canvas.height = (height + HEAD) * SHARPNESS;
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  pen.scale(SHARPNESS, SHARPNESS);
  pen.fillStyle = style.getPropertyValue('--bg').trim() || '#fff';
  pen.fillRect(0, 0, width, height + HEAD);
  pen.fillStyle = style.getPropertyValue('--ink').trim() || '#000';
  pen.font = `600 13px ${style.fontFamily}`;
  pen.fillText(title, 4, 16, width - 8);
  pen.fillStyle = style.getPropertyValue('--ink-3').trim() || '#666';
  pen.font = `11px ${style.fontFamily}`;
  pen.fillText(note, 4, 32, width - 8);
  pen.drawImage(image, 0, HEAD, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
