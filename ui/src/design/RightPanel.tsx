import { ActionIcon } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import styles from "./RightPanel.module.css";

interface RightPanelProps {
  title: ReactNode;
  /** A line below the title. */
  lead?: ReactNode;
  /** Takes the panel's part out of the URL. */
  onClose: () => void;
  /** Kept in sight at the bottom: the panel's actions. */
  footer?: ReactNode;
  width?: number;
  children: ReactNode;
}

/**
 * Detail beside the page. Whether it is open, and on what, belongs in the URL: render it when the
 * search parameter is there, and let `onClose` navigate without it.
 */
export function RightPanel({
  title,
  lead,
  onClose,
  footer,
  width = 480,
  children,
}: RightPanelProps) {
  const { t } = useTranslation("design");
  const id = useId();
  const panel = useRef<HTMLElement>(null);
  useHotkeys([["Escape", onClose]]);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <aside
      ref={panel}
      className={styles.panel}
      style={{ "--panel-width": `${width}px` } as React.CSSProperties}
      aria-labelledby={id}
      tabIndex={-1}
    >
      <header className={styles.header}>
        <div className={styles.words}>
          <h2 id={id} className={styles.title}>
            {title}
          </h2>
          {lead && <div className={styles.lead}>{lead}</div>}
        </div>
        <ActionIcon aria-label={t("close")} onClick={onClose}>
          <IconX size={18} />
        </ActionIcon>
      </header>
      <div className={styles.body} tabIndex={0} role="group" aria-labelledby={id}>
        {children}
      </div>
      {footer && <footer className={styles.footer}>{footer}</footer>}
    </aside>
  );
}
