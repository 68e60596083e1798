import { useTranslation } from "react-i18next";

/** Codes of the audit in words; a code nobody has put into words stays as it is. */
export function useActionWords() {
  const { t } = useTranslation("audit");
  const key = (code: string) => code.replaceAll(".", "_");
  return {
    action: (code: string) => t(`actions.${key(code)}`, { defaultValue: code }),
    group: (code: string) => t(`groups.${key(code)}`, { defaultValue: code }),
    object: (code: string) => t(`objects.${key(code)}`, { defaultValue: code }),
  };
}
