using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.ConsolePages.BrowseLedger;

/// <summary>What a person searches among transfers, and what of it could not be read.</summary>
public sealed class TransferSearch
{
    private readonly Dictionary<string, string> wrong = new(StringComparer.Ordinal);

    /// <summary>Reads the address.</summary>
    public TransferSearch(HttpRequest request)
    {
        Reference = FormText.Of(request, "reference");
        (Kind, Key, Account) = (FormText.Of(request, "kind"), FormText.Of(request, "key"), FormText.Of(request, "account"));
        (From, To, Min) = (FormText.Of(request, "from"), FormText.Of(request, "to"), FormText.Of(request, "min"));
        Filter = new TransferFilter
        {
            Kind = Kind,
            Key = Key,
            Reference = Reference,
            Account = Read("account", Account, AccountOf, "This is no account's or grant's id."),
            From = Read("from", From, FormText.Instant, "This is no date with a time of day."),
            To = Read("to", To, FormText.Instant, "This is no date with a time of day."),
            MovedMicrosMin = Read("min", Min, FormText.Micros, "This is no amount."),
        };
    }

    /// <summary>A part of the reference.</summary>
    public string? Reference { get; }

    /// <summary>The kind.</summary>
    public string? Kind { get; }

    /// <summary>The key.</summary>
    public string? Key { get; }

    /// <summary>The account, as it was written.</summary>
    public string? Account { get; }

    /// <summary>The earliest time of recording, as it was written.</summary>
    public string? From { get; }

    /// <summary>The end of the time of recording, as it was written.</summary>
    public string? To { get; }

    /// <summary>The smallest amount, as it was written.</summary>
    public string? Min { get; }

    /// <summary>The same for the ledger.</summary>
    public TransferFilter Filter { get; }

    /// <summary>Whether every field could be read.</summary>
    public bool IsReadable => wrong.Count == 0;

    /// <summary>Whether anything is searched for beside a part of the reference.</summary>
    public bool IsDetailed => Fields.Any(one => one.Name != "reference" && one.Value is not null);

    /// <summary>Whether anything is searched for.</summary>
    public bool IsAny => Fields.Any(one => one.Value is not null);

    /// <summary>The fields, as an address has them.</summary>
    public (string Name, string? Value)[] Fields =>
    [
        ("reference", Reference), ("kind", Kind), ("key", Key), ("account", Account), ("from", From), ("to", To), ("min", Min),
    ];

    /// <summary>What is wrong with a field; null where nothing is.</summary>
    public string? Wrong(string field) => wrong.GetValueOrDefault(field);

    private T? Read<T>(string field, string? text, Func<string?, T?> read, string complaint)
        where T : struct
    {
        var value = text is null ? null : read(text);
        if (text is not null && value is null)
        {
            wrong[field] = complaint;
        }

        return value;
    }

    private static AccountId? AccountOf(string? text) =>
        Id.TryParse<AccountId>(text, out var account) ? account
        : Id.TryParse<GrantId>(text, out var grant) ? grant.Account
        : null;
}
