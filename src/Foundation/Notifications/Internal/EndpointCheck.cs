using Quoin.Accounts;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>What is wrong with what an organisation says, member by member.</summary>
internal sealed class EndpointCheck(OrganisationMode mode, bool allowsPrivate)
{
    private readonly Dictionary<string, string> errors = new(StringComparer.Ordinal);

    /// <summary>The members that are wrong, and how.</summary>
    public IReadOnlyDictionary<string, string> Errors => errors;

    public bool HasFailed => errors.Count > 0;

    public void Url(string url) => Add("url", UrlProblem(url));

    public void Topics(IReadOnlyList<string> topics) => Add("topics", TopicsProblem(topics));

    public void Text(string member, string? text) =>
        Add(member, InputText.OptionalProblem(text, Limits.DescriptionLettersMax));

    /// <summary>What is wrong with a choice of topics; null when nothing is.</summary>
    public static string? TopicsProblem(IReadOnlyList<string> topics)
    {
        if (topics is [NotificationTopic.Every])
        {
            return null;
        }

        var known = NotificationTopics.All.Select(topic => topic.Name).ToHashSet(StringComparer.Ordinal);
        return topics.Count > 0 && topics.All(known.Remove)
            ? null
            : $"must be [\"*\"] or name at least one of {string.Join(", ", NotificationTopics.All.Select(topic => topic.Name))}, "
                + "each once";
    }

    private string? UrlProblem(string text)
    {
        if (InputText.Problem(text, Limits.UrlLettersMax) is { } wrong)
        {
            return wrong;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0)
        {
            return "must be an address such as https://example.com/hooks";
        }

        return url switch
        {
            { UserInfo.Length: > 0 } => "must not contain a user or a password",
            { Fragment.Length: > 0 } => "must not contain a fragment",
            { Scheme: "http" } when mode == OrganisationMode.Live => "must begin with https://",
            _ when !allowsPrivate && PublicNetwork.IsClosedLiteral(url) => "must not be a private or local address",
            _ => null,
        };
    }

    private void Add(string member, string? problem)
    {
        if (problem is not null)
        {
            errors[member] = problem;
        }
    }
}
