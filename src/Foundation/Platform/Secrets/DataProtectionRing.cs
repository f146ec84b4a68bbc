using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// The ASP.NET Data Protection key ring in PostgreSQL: what one replica's cookie says, any replica reads.
/// </summary>
internal sealed class DataProtectionRing(NpgsqlDataSource database, TimeProvider time) : IXmlRepository
{
    private const string ReadSql = """
        select xml
        from platform.data_protection_keys
        order by created_at, name
        """;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = database.Sql(ReadSql);
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
        {
            elements.Add(XElement.Parse(reader.GetString(0)));
        }

        return elements;
    }

    private const string StoreSql = """
        insert into platform.data_protection_keys (name, xml, created_at)
        values ($1, $2, $3)
        """;

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = database.Sql(
            StoreSql, friendlyName, element.ToString(SaveOptions.DisableFormatting), time.GetUtcNow());
        command.ExecuteNonQuery();
    }
}

/// <summary>Encrypts the ring's keys before they are stored.</summary>
internal sealed class DataProtectionEncryptor(Secrets secrets) : IXmlEncryptor
{
    public const string Purpose = "platform.data_protection";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var xml = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var secret = Convert.ToBase64String(secrets.Protect(Purpose, xml));
        return new EncryptedXmlInfo(new XElement("secret", secret), typeof(DataProtectionDecryptor));
    }
}

/// <summary>
/// Decrypts them. Data Protection makes it from the type name in the stored key, with the host's services.
/// </summary>
/// <param name="services">The host's services.</param>
internal sealed class DataProtectionDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var secret = Convert.FromBase64String(encryptedElement.Value);
        var xml = services.GetRequiredService<Secrets>().Unprotect(DataProtectionEncryptor.Purpose, secret);
        return XElement.Parse(Encoding.UTF8.GetString(xml));
    }
}
