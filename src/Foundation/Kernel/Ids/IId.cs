namespace Quoin.Kernel;

/// <summary>
/// An id of one kind of thing: a struct in code, <c>uuid</c> in PostgreSQL, prefixed text everywhere a person or a
/// program outside sees it.
/// </summary>
/// <typeparam name="TSelf">The id type itself.</typeparam>
public interface IId<TSelf>
    where TSelf : struct, IId<TSelf>
{
    /// <summary>The letters before the underscore, unique among id types.</summary>
    static abstract string Prefix { get; }

    /// <summary>The bare value, as stored.</summary>
    Guid Value { get; }

    /// <summary>Wraps a stored value.</summary>
    static abstract TSelf From(Guid value);
}

/// <summary>Reading ids of any kind from text.</summary>
public static class Id
{
    /// <summary>Reads an id from outside; false when it is not one of this kind.</summary>
    public static bool TryParse<TId>(ReadOnlySpan<char> text, out TId id)
        where TId : struct, IId<TId>
    {
        var isId = IdText.TryParse(TId.Prefix, text, out var value);
        id = isId ? TId.From(value) : default;
        return isId;
    }

    /// <summary>Reads an id that must be one of this kind.</summary>
    /// <exception cref="FormatException">The text is not such an id.</exception>
    public static TId Parse<TId>(ReadOnlySpan<char> text)
        where TId : struct, IId<TId> =>
        TryParse<TId>(text, out var id) ? id : throw new FormatException($"'{text}' is not a {TId.Prefix}_ id.");
}
