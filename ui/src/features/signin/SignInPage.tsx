import { Anchor, Text } from "@mantine/core";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { returnPath } from "@/app/search";
import { Gateway } from "./Gateway";
import { SignInForm } from "./SignInForm";

export function SignInPage() {
  const { t } = useTranslation("signin");
  const search = useSearch({ from: "/sign-in" });
  const router = useRouter();
  return (
    <Gateway title={t("title")}>
      <SignInForm onDone={() => router.history.push(returnPath(search.return))} />
      <Text size="sm" mt="md">
        <Anchor component={Link} to="/forgot-password" size="sm">
          {t("forgotLink")}
        </Anchor>
      </Text>
    </Gateway>
  );
}
