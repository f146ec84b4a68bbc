using Microsoft.AspNetCore.Http;
using Quoin.Inference;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseCalls;

/// <summary>What a person searches among calls, and what of it could not be read.</summary>
public sealed class CallSearch
{
    private readonly Dictionary<string, string> wrong = new(StringComparer.Ordinal);
    private readonly DateTimeOffset? from;
    private readonly DateTimeOffset? to;

    /// <summary>Reads the address.</summary>
    public CallSearch(HttpRequest request)
    {
        (Model, Key) = (FormText.Of(request, "model"), FormText.Of(request, "key"));
        (Session, Status) = (FormText.Of(request, "session"), FormText.Of(request, "status"));
        Tag = FormText.Of(request, "tag");
        (From, To) = (FormText.Of(request, "from"), FormText.Of(request, "to"));
        (from, to) = (Read("from", From), Read("to", To));
    }

    /// <summary>The model, as clients name it.</summary>
    public string? Model { get; }

    /// <summary>The key or person that called.</summary>
    public string? Key { get; }

    /// <summary>The session.</summary>
    public string? Session { get; }

    /// <summary>How it ended.</summary>
    public string? Status { get; }

    /// <summary>What it is marked with.</summary>
    public string? Tag { get; }

    /// <summary>The earliest time, as it was written.</summary>
    public string? From { get; }

    /// <summary>The end of the time, as it was written.</summary>
    public string? To { get; }

    /// <summary>Whether every field could be read.</summary>
    public bool IsReadable => wrong.Count == 0;

    /// <summary>Whether anything is searched for beside the model.</summary>
    public bool IsDetailed => Fields.Any(one => one.Name != "model" && one.Value is not null);

    /// <summary>Whether anything is searched for.</summary>
    public bool IsAny => Fields.Any(one => one.Value is not null);

    /// <summary>The fields, as an address has them.</summary>
    public (string Name, string? Value)[] Fields =>
        [("model", Model), ("key", Key), ("session", Session), ("status", Status), ("tag", Tag), ("from", From), ("to", To)];

    /// <summary>What is wrong with a field; null where nothing is.</summary>
    public string? Wrong(string field) => wrong.GetValueOrDefault(field);

    /// <summary>The same for the journal.</summary>
    /// <param name="limit">How many calls.</param>
    /// <param name="cursor">Where to go on.</param>
    public RequestSearch Of(PageLimit limit, Cursor<(DateTimeOffset OccurredAt, CallId Id)>? cursor) =>
        new(limit, cursor, from, to, Model, Key, Session, Status: Status, Tag: Tag);

    private DateTimeOffset? Read(string field, string? text)
    {
        var value = FormText.Instant(text);
        if (text is not null && value is null)
        {
            wrong[field] = "This is no date with a time of day.";
        }

        return value;
    }
}
