import { Anchor } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { changeLocale } from "@/app/i18n";
import { Seal } from "@/design/Seal";
import styles from "./Gateway.module.css";

/** The sheet on which every page outside the frame is written. */
export function Gateway({ title, children }: { title: string; children: ReactNode }) {
  const { t, i18n } = useTranslation("signin");
  useDocumentTitle(`${title} · Enishi`);
  const other = i18n.language === "en" ? "ja" : "en";
  return (
    <div className={styles.ground}>
      <main className={styles.sheet} data-page>
        <header className={styles.brand}>
          <Seal size={44} tone="shu" />
          <div>
            <div className={styles.name}>Enishi</div>
            <div className={styles.motto}>{t("motto")}</div>
          </div>
        </header>
        <h1 className={styles.title}>{title}</h1>
        {children}
      </main>
      <footer className={styles.foot}>
        <Anchor
          component="button"
          type="button"
          size="sm"
          lang={other}
          onClick={() => void changeLocale(other)}
        >
          {t("otherLanguage")}
        </Anchor>
      </footer>
    </div>
  );
}
