import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { allowOwnScripts } from './app/own-scripts.ts';
import { openCarried } from './state/carried.ts';
import { openOnlySource } from './state/served.ts';
import './ui/theme.css';

allowOwnScripts();
openCarried();
openOnlySource();

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
