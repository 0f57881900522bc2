/** The build of sql.js that carries its WebAssembly along, so that no second file has to be found beside the page or the program. */
declare module 'sql.js/dist/sql-wasm-inline.js' {
  import initSqlJs from 'sql.js';
  export default initSqlJs;
}
