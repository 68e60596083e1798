import { Button, SegmentedControl, Stack, TextInput, useMantineColorScheme } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { changeLocale, type Locale } from "@/app/i18n";
import { SettingsTabs } from "@/app/SettingsTabs";
import { useMe, useRefreshSession } from "@/app/session";
import { call } from "@/client/http";
import { Facts } from "@/design/Facts";
import { Page, Section } from "@/design/Page";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { PasswordSection } from "./PasswordSection";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";

export function AccountPage() {
  const { t } = useTranslation("account");
  return (
    <Page title={t("title")} lead={t("lead")} tabs={<SettingsTabs value="account" />} width="read">
      <Profile />
      <Appearance />
      <PasswordSection />
      <SecondFactor />
      <Sessions />
    </Page>
  );
}

function Profile() {
  const { t } = useTranslation("account");
  const me = useMe();
  const refresh = useRefreshSession();
  const [name, setName] = useState(me.name);
  const save = useMutation({
    mutationFn: () => call("PATCH", "/api/me", { body: { name: name.trim() } }),
    onSuccess: async () => {
      await refresh();
      told(t("profile.saved"));
    },
  });
  return (
    <Section title={t("profile.title")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="sm" maw={400}>
          <TextInput
            label={t("profile.name")}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Facts
            facts={[
              { label: t("profile.email"), value: me.email },
              { label: t("profile.role"), value: t(`app:role.${me.role}`) },
            ]}
          />
          {save.error && <ErrorState error={save.error} inline />}
          <div>
            <Button
              type="submit"
              variant="default"
              loading={save.isPending}
              disabled={!name.trim() || name.trim() === me.name}
            >
              {t("profile.save")}
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}

function Appearance() {
  const { t, i18n } = useTranslation("account");
  const refresh = useRefreshSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const language = useMutation({
    mutationFn: async (locale: Locale) => {
      await changeLocale(locale);
      await call("PATCH", "/api/me", { body: { locale } });
      await refresh();
    },
  });
  return (
    <Section title={t("appearance.title")}>
      <Stack gap="md">
        <div>
          <div className="muted">{t("appearance.language")}</div>
          <SegmentedControl
            aria-label={t("appearance.language")}
            value={i18n.language}
            onChange={(value) => language.mutate(value === "en" ? "en" : "ja")}
            data={[
              { value: "ja", label: t("appearance.ja") },
              { value: "en", label: t("appearance.en") },
            ]}
          />
        </div>
        <div>
          <div className="muted">{t("appearance.theme")}</div>
          <SegmentedControl
            aria-label={t("appearance.theme")}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as "auto" | "light" | "dark")}
            data={(["auto", "light", "dark"] as const).map((value) => ({
              value,
              label: t(`appearance.${value}`),
            }))}
          />
        </div>
        {language.error && <ErrorState error={language.error} inline />}
      </Stack>
    </Section>
  );
}
