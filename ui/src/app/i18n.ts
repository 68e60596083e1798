import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { setLocale } from "@/client/http";

export type Locale = "ja" | "en";
const STORED = "enishi.locale";

/** `…/features/lists/ja.json` → language "ja", namespace "lists". */
const files = import.meta.glob<Record<string, unknown>>(
  ["../features/*/{ja,en}.json", "../design/{ja,en}.json", "./{ja,en}.json"],
  { eager: true, import: "default" },
);

function resources() {
  const found: Record<Locale, Record<string, Record<string, unknown>>> = { ja: {}, en: {} };
  for (const [path, content] of Object.entries(files)) {
    const names = path.split("/");
    const language = names.at(-1) === "en.json" ? "en" : "ja";
    const folder = names.length === 2 ? "app" : (names.at(-2) ?? "app");
    found[language][folder] = content;
  }
  return found;
}

function remembered(): Locale {
  return localStorage.getItem(STORED) === "en" ? "en" : "ja";
}

function follow(language: string): void {
  document.documentElement.lang = language;
  setLocale(language);
}

/** Changes the language of the interface and of the API's sentences, and remembers it. */
export async function changeLocale(locale: Locale): Promise<void> {
  localStorage.setItem(STORED, locale);
  await i18next.changeLanguage(locale);
}

i18next.on("languageChanged", follow);
void i18next.use(initReactI18next).init({
  resources: resources(),
  lng: remembered(),
  fallbackLng: false,
  defaultNS: "app",
  nsSeparator: ":",
  keySeparator: ".",
  interpolation: { escapeValue: false },
  returnNull: false,
});
follow(i18next.language);

export { i18next };
