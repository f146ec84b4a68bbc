using System.Buffers.Binary;
using Npgsql;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>
/// Rows as PostgreSQL's binary COPY sends them, kept as bytes: what is hashed is hashed as it came, and no row costs an
/// allocation. Format: PostgreSQL manual, COPY, "Binary Format".
/// </summary>
internal sealed class CopiedRows
{
    private const int HeaderBytes = 19;
    private const int InitialBytes = 1 << 20;

    private byte[] bytes = new byte[InitialBytes];
    private int length;
    private int position;

    /// <summary>Where the current field begins; <see cref="Return"/> leads back to it.</summary>
    public int Position => position;

    /// <summary>Reads all rows of a COPY statement; they are gone through from the first.</summary>
    public async Task Fill(NpgsqlConnection connection, string copySql, CancellationToken cancellationToken)
    {
        length = 0;
        await using var stream = await connection.BeginRawBinaryCopyAsync(copySql, cancellationToken);
        while (true)
        {
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }

            var read = await stream.ReadAsync(bytes.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        position = HeaderBytes;
    }

    /// <summary>Makes it empty.</summary>
    public void Clear() => (length, position) = (0, 0);

    /// <summary>Goes back to a place.</summary>
    public void Return(int place) => position = place;

    /// <summary>Goes to the next row; false after the last one.</summary>
    public bool Next()
    {
        if (position >= length)
        {
            return false;
        }

        var fields = BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(position));
        position += 2;
        return fields >= 0;
    }

    /// <summary>The next field; empty where it is null, too.</summary>
    public ReadOnlySpan<byte> Field()
    {
        var size = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(position));
        var field = bytes.AsSpan(position + 4, Math.Max(size, 0));
        position += 4 + field.Length;
        return field;
    }

    /// <summary>The next field with its length before it, as texts are hashed; a null as an empty text.</summary>
    public ReadOnlySpan<byte> FieldWithLength()
    {
        var size = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(position));
        if (size < 0)
        {
            position += 4;
            return EmptyText;
        }

        var field = bytes.AsSpan(position, 4 + size);
        position += field.Length;
        return field;
    }

    private static ReadOnlySpan<byte> EmptyText => [0, 0, 0, 0];
}
