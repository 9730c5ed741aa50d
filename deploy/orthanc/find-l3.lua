-- For Orthanc's "LuaScripts": every CT or MR series that is complete is answered by find-l3, and its level report
-- stored beside it. Settings come from Orthanc's environment:
--
--   FIND_L3              how find-l3 is called             (npx --no-install find-l3)
--   FIND_L3_DICOMWEB     Orthanc's own DICOMweb root       (http://localhost:8042/dicom-web)
--   FIND_L3_OUT          folder for journal and log, made by who runs Orthanc
--   FIND_L3_CREDENTIALS  USER:PASSWORD, where Orthanc asks for users; find-l3 reads it itself
--
-- Series wait for each other (flock), so that one model is in memory at a time. docs/batch.md tells more.

local command = os.getenv('FIND_L3') or 'npx --no-install find-l3'
local dicomweb = os.getenv('FIND_L3_DICOMWEB') or 'http://localhost:8042/dicom-web'
local out = os.getenv('FIND_L3_OUT')

-- What comes from a scanner never reaches the shell but as digits and dots.
local function isUid(text)
  return type(text) == 'string' and string.match(text, '^[%d.]+$') ~= nil
end

local function quoted(text)
  return "'" .. string.gsub(text, "'", "'\\''") .. "'"
end

function OnStableSeries(seriesId, tags, metadata)
  local modality, series = tags['Modality'], tags['SeriesInstanceUID']
  if modality ~= 'CT' and modality ~= 'MR' then
    return
  end
  local study = ParseJson(RestApiGet('/series/' .. seriesId .. '/study'))
  local uid = study['MainDicomTags']['StudyInstanceUID']
  if out == nil or not isUid(series) or not isUid(uid) then
    print('find-l3: FIND_L3_OUT is not set, or the series has no UID: ' .. seriesId)
    return
  end
  os.execute('(flock ' .. quoted(out .. '/lock') .. ' ' .. command .. ' batch --stow --dicomweb ' .. quoted(dicomweb)
    .. ' --query StudyInstanceUID=' .. uid .. ' --query SeriesInstanceUID=' .. series
    .. ' --out ' .. quoted(out .. '/results') .. ' >> ' .. quoted(out .. '/log') .. ' 2>&1 < /dev/null) &')
end
