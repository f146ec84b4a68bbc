using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Notifications.Internal;

/// <summary>What mails say: plain words, which every mail program shows alike.</summary>
internal static class MailText
{
    /// <summary>A subject: what happened, and to whom.</summary>
    public static string Subject(OrganisationProfile organisation, string sentence)
    {
        var test = organisation.Mode == OrganisationMode.Test ? "[Test] " : "";

        // A line break would end the header, and the name is the customer's.
        return new string([.. $"{test}{organisation.Name}: {sentence}".Where(letter => !char.IsControl(letter))]);
    }

    /// <summary>The whole text.</summary>
    public static string Body(OrganisationProfile organisation, string topic, string sentence, string lines) => $"""
        {sentence}.

        {lines}
        Organisation: {organisation.Name} ({organisation.Id})
        Topic: {topic}

        You get this mail because your address stands in the notification settings of this organisation.
        """.ReplaceLineEndings("\r\n");

    /// <summary>A payload, a member a line.</summary>
    public static string Lines(JsonNode payload)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in payload.AsObject())
        {
            if (value is not null)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"{Words(name)}: {Value(value)}");
            }
        }

        return text.ToString();
    }

    private static string Value(JsonNode value) =>
        value is JsonObject money && money["amount_micros"] is { } micros && money["currency"] is { } currency
            ? new Money((long)micros, Currency.Of((string)currency!)).ToString()
            : value.ToString();

    private static string Words(string name) =>
        char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ');
}
