/** A file as text, put in by the bundler; scripts/tools/raw-files.js does it for the command line from source. */
declare module '*.md?raw' {
  const text: string;
  export default text;
}
