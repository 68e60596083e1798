import { Button, type ButtonProps } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ComponentPropsWithoutRef, ReactNode } from "react";
import styles from "./Page.module.css";

interface PageProps {
  title: string;
  /** A sentence below the title: what this page is, or how it stands. */
  lead?: ReactNode;
  /** Where the page hangs: a link back up, shown above the title. */
  above?: ReactNode;
  /** The one main action, a `MainAction`. */
  action?: ReactNode;
  /** Quieter actions beside it. */
  others?: ReactNode;
  /** Peers of this page, as tabs. */
  tabs?: ReactNode;
  /** "wide" fills the window (tables); "read" keeps lines short. */
  width?: "wide" | "read";
  /** The page fills the window's height; its content scrolls inside. */
  fill?: boolean;
  children: ReactNode;
}

/** One title, one main action. */
export function Page(props: PageProps) {
  const { title, lead, above, action, others, tabs, width = "wide", fill, children } = props;
  useDocumentTitle(`${title} · Enishi`);
  return (
    <div className={styles.page} data-page data-width={width} data-fill={fill || undefined}>
      <header className={styles.header}>
        <div className={styles.words}>
          {above && <div className={styles.above}>{above}</div>}
          <h1 className={styles.title}>{title}</h1>
          {lead && <div className={styles.lead}>{lead}</div>}
        </div>
        {(action || others) && (
          <div className={styles.actions}>
            {others}
            {action}
          </div>
        )}
      </header>
      {tabs && <div className={styles.tabs}>{tabs}</div>}
      <div className={styles.body}>{children}</div>
    </div>
  );
}

type MainActionProps = ButtonProps & Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps>;

/** The one main action of a page: vermilion, or indigo while the page shows an `Alarm`. */
export function MainAction(props: MainActionProps) {
  return <Button color="shu" data-main-action {...props} />;
}

interface SectionProps {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  /** Without the frame of a card. */
  bare?: boolean;
}

/** A titled part of a page, on a sheet of paper. */
export function Section({ title, aside, children, bare }: SectionProps) {
  return (
    <section className={styles.section} data-bare={bare || undefined}>
      {(title || aside) && (
        <div className={styles.sectionHead}>
          {title && <h2 className={styles.sectionTitle}>{title}</h2>}
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}
