/** A mail in a frame that runs no script and follows no link. */
import { useEffect, useMemo, useRef, useState } from "react";
import { framed } from "../model/mailHtml";
import { pathDrawn } from "../model/reading";
import classes from "./preview.module.css";

export type Device = "desktop" | "phone";

interface Props {
  html: string;
  title: string;
  device: Device;
  dark: boolean;
  /** A block that is drawn has been clicked; by its path among the blocks. */
  onBlock?: (path: string) => void;
}

/** px; the frame is never lower, nor higher than a page can be looked at. */
const LEAST = 240;
const MOST = 20_000;

export function MailFrame({ html, title, device, dark, onBlock }: Props) {
  const picked = useRef(onBlock);
  picked.current = onBlock;
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(LEAST);
  const picks = onBlock !== undefined;
  const source = useMemo(() => framed(html, dark, picks), [html, dark, picks]);

  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    let watching: ResizeObserver | null = null;
    const loaded = () => {
      const page = box.contentDocument;
      if (!page?.body) return;
      const measure = () => {
        const high = Math.ceil(page.body.getBoundingClientRect().height);
        setHeight(Math.min(MOST, Math.max(LEAST, high)));
      };
      measure();
      watching?.disconnect();
      watching = new ResizeObserver(measure);
      watching.observe(page.body);
      page.addEventListener("click", (event) => {
        event.preventDefault();
        let at = event.target as Element | null;
        while (at && !pathDrawn(at.className)) at = at.parentElement;
        const path = at && pathDrawn(at.className);
        if (path) picked.current?.(path);
      });
    };
    loaded();
    box.addEventListener("load", loaded);
    return () => {
      box.removeEventListener("load", loaded);
      watching?.disconnect();
    };
  }, []);

  return (
    <iframe
      ref={frame}
      className={classes.mail}
      data-device={device}
      data-dark={dark || undefined}
      title={title}
      // The page may measure it; without allow-scripts nothing in it can run or reach out.
      sandbox="allow-same-origin"
      srcDoc={source}
      style={{ height }}
    />
  );
}
