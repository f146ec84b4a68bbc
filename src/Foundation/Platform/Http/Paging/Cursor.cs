namespace Quoin.Platform;

/// <summary>
/// A place in a list: the keys of the last row seen. Opaque outside; inside, a typed tuple, so that a list asks for
/// exactly the keys it is ordered by: <c>Cursor&lt;(DateTimeOffset RecordedAt, TransferId Id)&gt;</c>.
/// </summary>
/// <typeparam name="TKeys">
/// One key or a tuple of up to seven: <see cref="DateTimeOffset"/>, <see cref="Guid"/>, ids, <see cref="string"/>,
/// <see cref="long"/>, <see cref="int"/>.
/// </typeparam>
/// <param name="Keys">The keys of the last row seen.</param>
public sealed record Cursor<TKeys>(TKeys Keys)
    where TKeys : notnull
{
    /// <summary>The text given out as <c>next_cursor</c>.</summary>
    public override string ToString() => CursorText.Write(typeof(TKeys), Keys);

    /// <summary>Reads a cursor from outside; null when it was changed, cut, or made by a list with other keys.</summary>
    public static Cursor<TKeys>? Read(string text) =>
        CursorText.Read(typeof(TKeys), text) is TKeys keys ? new Cursor<TKeys>(keys) : null;
}
